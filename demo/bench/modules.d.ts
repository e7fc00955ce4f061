/** Copies of modules, as copy.ts makes them: of what type, who imports them says. */
declare module '*?copy';
