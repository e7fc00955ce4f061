/** Whether this page can share memory with its workers, and why or why not, in words. Isolation alone is not enough: there are engines without it. */
export function sharedMemory(): { readonly available: boolean; readonly why: string } {
  if (typeof SharedArrayBuffer !== 'undefined')
    return { available: true, why: 'the page is cross-origin isolated' };
  return {
    available: false,
    why: crossOriginIsolated
      ? 'the page is cross-origin isolated, but this browser has no SharedArrayBuffer'
      : 'the page is not cross-origin isolated',
  };
}
