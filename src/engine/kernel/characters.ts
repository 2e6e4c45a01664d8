/** Half of a surrogate pair, which is no character: canonical JSON cannot hold it, and UTF-8 cannot write it. */
const HALF = /\p{Surrogate}/u

export function hasHalfCharacter(text: string): boolean {
  return HALF.test(text)
}

/** @param instead what stands for each half */
export function wholeCharacters(text: string, instead: string): string {
  return text.replaceAll(new RegExp(HALF, 'gu'), instead)
}
