// A notice can be put away; it never goes by itself, it may be the only copy of a message.
document.addEventListener("click", (event) => {
  if (event.target.closest(".notice .close")) event.target.closest(".notice").remove();
});
document.querySelector(".errors:not(.specimen .errors)")?.focus();
