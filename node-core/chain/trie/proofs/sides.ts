/** Where a subtree lies to the key at which a walk is to begin: left of it, around it, right of it. Numbers, because walks over millions of nodes compare them. */
export const LEFT = 0
export const AROUND = 1
export const RIGHT = 2
export type Side = typeof LEFT | typeof AROUND | typeof RIGHT
