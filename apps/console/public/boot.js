// Runs before the first paint: theme and language of the reader, so that nothing flashes.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const chosen = read("ziggurat.theme");
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  const language = read("ziggurat.language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.documentElement.dataset.density = read("ziggurat.density") === "comfortable" ? "comfortable" : "dense";
  // The content-security policy forbids evaluation; told beforehand, zod does not even probe for it.
  globalThis.__zod_globalConfig = { jitless: true };
})();
