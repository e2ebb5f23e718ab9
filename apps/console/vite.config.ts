import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { bundleBudget } from "./bundle-budget.js";

const controlPlane = process.env.ZIGGURAT_CONSOLE_API ?? "http://127.0.0.1:7410";

export default defineConfig({
  plugins: [react(), bundleBudget()],
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  build: { target: "es2023", manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": controlPlane } },
});
