// Before the first paint, so that a page the reader made dark does not flash; a file of its own because an inline script needs a laxer policy.
try {
  const chosen = localStorage.getItem('losskit-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; the system's scheme holds.
}
