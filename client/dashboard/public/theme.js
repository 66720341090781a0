// Runs before the first paint, so that a set theme does not flash. A file of its own: the page allows no inline script.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("shiplog.theme");
  } catch {
    // Storage is blocked: follow the system.
  }
  if (theme !== "light" && theme !== "dark") {
    theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = theme;
})();
