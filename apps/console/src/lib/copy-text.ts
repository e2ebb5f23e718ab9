/**
 * Puts text on the clipboard. Pages that were opened by an address inside a network without https have no clipboard of their own; there it is
 * selected and copied as a hand would.
 * @param near what was clicked: only what stands in the same dialog can be selected while one is open
 * @returns whether it is there
 */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  if (!("clipboard" in navigator)) return bySelection(text, near);
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => bySelection(text, near),
  );
}

function bySelection(text: string, near: HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "zg-visually-hidden";
  near.after(field);
  field.focus();
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  near.focus();
  return isCopied;
}
