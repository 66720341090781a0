const KEY = "shiplog.reloadedAt";
const AGAIN_MS = 30_000;

/**
 * A newer build took the place of the one that this tab runs: its old chunks are gone. The page is loaded anew,
 * once; a second failure soon after has another cause and is shown.
 */
export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", (event) => {
    if (Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < AGAIN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
