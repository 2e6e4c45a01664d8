/**
 * Hears how far long work has come.
 * @param share done, 0 to 1
 * @param step what comes now, for people: "fold 3 of 5"
 */
export type OnProgress = (share: number, step: string) => void
