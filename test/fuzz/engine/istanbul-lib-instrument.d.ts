/** What is used of it; it comes without types. */
declare module 'istanbul-lib-instrument' {
  export function createInstrumenter(options: { esModules: boolean; compact: boolean; produceSourceMap: boolean }): {
    instrumentSync(code: string, filename: string): string;
  };
}
