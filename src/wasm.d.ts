/** What importing a `.wasm` file gives on hosts that compile it themselves, as Cloudflare Workers. Of this build only: no type of the package needs it. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
