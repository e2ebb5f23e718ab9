import { join } from "node:path";
import { build } from "vite";

const packageFolder = join(import.meta.dirname, "..");

/** Turns a TypeScript program into one that a plain `node` process can run from this workspace; returns its path. */
export async function bundleProgram(entry: string, name: string): Promise<string> {
  // As deep in the checkout as the files it is made of, which find runner, trainer and console from where they lie.
  const outDir = join(packageFolder, "node_modules", `.test-program-${name}-${process.pid}`);
  await build({
    root: packageFolder,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "module", "import", "default"] },
    ssr: { noExternal: [/^@ziggurat\//], resolve: { conditions: ["source", "module", "import", "default"] } },
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: true,
      target: "node20",
      rolldownOptions: { output: { entryFileNames: `${name}.mjs`, chunkFileNames: "[name]-[hash].mjs" } },
    },
  });
  return join(outDir, `${name}.mjs`);
}
