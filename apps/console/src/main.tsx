import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./ui/styles.js";
import { App } from "./app/app.js";
import { preferredLanguage, startI18n } from "./lib/i18n.js";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
await startI18n(preferredLanguage());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
