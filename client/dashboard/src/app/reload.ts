const KEY = "shiplog.reloadedAt";
const AGAIN_MS = 30_000;

/**
 * The server serves another build than the one that this tab runs. The page is loaded anew, once; a second failure
 * soon after has another cause. Only when the server answers: without it a reload would lose what the tab still
 * shows.
 */
export function reloadForNewBuild(): void {
  if (Date.now() - Number(sessionStorage.getItem(KEY) ?? 0) < AGAIN_MS) return;
  fetch("/", { method: "HEAD", cache: "no-store" }).then(
    (answer) => {
      if (!answer.ok) return;
      sessionStorage.setItem(KEY, String(Date.now()));
      location.reload();
    },
    () => undefined,
  );
}

/** A newer build took the place of the one that this tab runs: its old chunks are gone. */
export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", reloadForNewBuild);
}
