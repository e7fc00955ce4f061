/** What Vite lets a module import: style sheets. */
/// <reference types="vite/client" />
