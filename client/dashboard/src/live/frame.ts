/** Runs `flush` once per animation frame however often it is asked; in a hidden tab four times a second. */
export function makeFrame(flush: () => void): { ask(): void; now(): void; dispose(): void } {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    if (frame) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    timer = undefined;
  };
  const run = () => {
    cancel();
    flush();
  };
  return {
    ask: () => {
      if (frame || timer) return;
      if (document.hidden) timer = setTimeout(run, 250);
      else frame = requestAnimationFrame(run);
    },
    now: run,
    dispose: cancel,
  };
}
