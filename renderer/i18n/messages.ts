/** The shape of a catalog: what the English one has. */
import type { en } from './en/index.ts'

export type Messages = typeof en
