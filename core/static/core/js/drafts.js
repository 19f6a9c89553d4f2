// <form data-draft="key"> keeps what was typed in this browser until it is sent. Never passwords, never files.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = `draft:${form.dataset.draft}`;
  const note = form.querySelector("[data-draft-note]");
  const fields = () => [...form.elements].filter((f) => f.name && !/^(password|file|hidden|submit|button)$/.test(f.type) && f.name !== "csrfmiddlewaretoken");
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (kept && !form.querySelector("[aria-invalid]")) {
    for (const field of fields()) {
      if (!(field.name in kept)) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = kept[field.name].includes(field.value);
      else if (!field.value) field.value = kept[field.name];
    }
  }
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const values = {};
      for (const field of fields()) {
        if (field.type === "checkbox" || field.type === "radio") (values[field.name] ??= []).push(...(field.checked ? [field.value] : []));
        else values[field.name] = field.value;
      }
      localStorage.setItem(key, JSON.stringify(values));
      if (note) note.textContent = note.dataset.draftNote;
    }, 600);
  });
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) localStorage.removeItem(key); });
}
