/** Tells when an element has another size. */

/**
 * Calls back in the next frame: what it draws may change the size again, which within the observer's own turn engines report as an error.
 * Returns what ends it.
 */
export function onResize(element: Element, callback: () => void): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(callback);
  });
  observer.observe(element);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  };
}
