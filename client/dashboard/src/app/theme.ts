import { createRoot, createSignal } from "solid-js";

export type Theme = "system" | "light" | "dark";
const system = matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  const value = localStorage.getItem("shiplog.theme");
  return value === "light" || value === "dark" ? value : "system";
}

const [theme, setSignal] = createRoot(() => createSignal<Theme>(stored()));

export { theme };

function apply(): void {
  const dark = theme() === "dark" || (theme() === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function setTheme(next: Theme): void {
  localStorage.setItem("shiplog.theme", next);
  setSignal(next);
  apply();
}

system.addEventListener("change", apply);
