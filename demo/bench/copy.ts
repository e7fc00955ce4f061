/** A Vite plugin: what is imported with `?copy`, and all that it imports by path, is a module of its own beside the one without. For the build alone. */
import type { Plugin } from 'vite';

const MARK = '?copy';

export function copies(): Plugin {
  return {
    name: 'copies',
    enforce: 'pre',
    async resolveId(source, importer) {
      const marked = source.endsWith(MARK);
      if (!importer || !(marked || (importer.endsWith(MARK) && source.startsWith('.')))) return null;
      const found = await this.resolve(source.replace(MARK, ''), importer.replace(MARK, ''), {
        skipSelf: true,
      });
      return found && { ...found, id: found.id + MARK };
    },
  };
}
