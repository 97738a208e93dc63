import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { createInstrumenter } from 'istanbul-lib-instrument';

const ROOT = new URL('../../../', import.meta.url).href;

/**
 * From now on this thread's modules of `libs/` come from the build, as `#libs/NAME` does, and those that `covers` names count
 * how often each of their statements and branches is run.
 */
export function countBranchesOf(covers: RegExp): void {
  const instrumenter = createInstrumenter({ esModules: true, compact: true, produceSourceMap: false });
  registerHooks({
    resolve: (specifier, context, next) => {
      const importer = context.parentURL;
      if (specifier.startsWith('.') && importer?.startsWith(`${ROOT}test/`) === true) {
        const { href } = new URL(specifier, importer);
        if (href.startsWith(`${ROOT}libs/`)) return next(href.replace(`${ROOT}libs/`, `${ROOT}dist/libs/`), context);
      }
      return next(specifier, context);
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!covers.test(url) || loaded.source === undefined) return loaded;
      const text =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      const script = url.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      return { ...loaded, format: 'module', source: instrumenter.instrumentSync(script, url) };
    },
  });
}
