/** A choice of this browser's reader. Storage that is switched off or full is no error: the choice then lasts as long as the page. */
export function readChoice(name: string): string | null {
  try {
    return localStorage.getItem(`ziggurat.${name}`);
  } catch {
    return null;
  }
}

export function keepChoice(name: string, value: string): void {
  try {
    localStorage.setItem(`ziggurat.${name}`, value);
  } catch {
    return;
  }
}
