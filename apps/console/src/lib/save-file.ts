/**
 * Lets the browser save what an address answers; the bytes go to disk as they come, and nothing of them passes through the page.
 * @param name of the file; the answer names it where this is empty
 */
export function saveFile(href: string, name = ""): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
