/**
 * Served at the top of every page: records warnings, errors and what nobody caught, for every engine alike, in an attribute of
 * <html>. What the browser itself has to say about a policy is an event: that WebAssembly was refused is no noise.
 */
{
  const noise = [];
  const note = (kind, what) => {
    noise.push(`${kind}: ${what}`);
    document.documentElement.setAttribute('data-noise', JSON.stringify(noise));
  };
  for (const kind of ['warn', 'error']) {
    const print = console[kind];
    console[kind] = (...what) => {
      note(kind, what.join(' '));
      print.apply(console, what);
    };
  }
  const onError = (event) =>
    event.target instanceof Element
      ? note('not loaded', event.target.src || event.target.href)
      : note('uncaught', event.message);
  // Captured: an element that cannot load its file tells only itself.
  addEventListener('error', onError, true);
  addEventListener('unhandledrejection', (event) => note('unhandled', event.reason));
  addEventListener('securitypolicyviolation', (event) => {
    if (!event.blockedURI.startsWith('wasm'))
      note('refused', `${event.blockedURI} by ${event.violatedDirective}`);
  });
}
