// <button data-open="id"> opens that dialog or drawer; <button data-close> closes the one it stands in.
// A form with data-confirm="text" asks first, in the shell's own dialog.
let pending = null;
const confirmation = document.getElementById("confirmation");
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog) { dialog.showModal(); event.preventDefault(); }
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
  const copier = event.target.closest("[data-copy]");
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => { copier.textContent = copier.dataset.done; });
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("submit", (event) => {
  const text = event.target.dataset.confirm;
  if (!text || !confirmation || event.target === pending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  confirmation.querySelector("[data-text]").textContent = text;
  confirmation.returnValue = "";
  confirmation.showModal();
  confirmation.onclose = () => {
    if (confirmation.returnValue !== "yes") return;
    pending = event.target;
    event.target.requestSubmit(event.submitter);
    pending = null;
  };
}, true);
