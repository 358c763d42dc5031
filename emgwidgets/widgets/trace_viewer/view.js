export function render({ model, el }) { el.textContent = "x"; }
