/** One line: what was compared, how many times as fast (or as costly) as the counterpart, and the raw figures. */
export type Report = (name: string, ratio: number, detail: string) => void
