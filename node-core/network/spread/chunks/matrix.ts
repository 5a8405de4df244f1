/**
 * Matrices over GF(2^8), and the one that makes a Reed–Solomon code.
 *
 * The code's matrix has n rows and k columns: row i makes shard i of the k shards of data. Any k of its rows must be invertible, and the
 * first k must be the unit matrix, so that the first k shards are the data themselves (the code is *systematic*). A Vandermonde matrix (row
 * r is r^0, r^1, …) has the first property; multiplied by the inverse of its own top square it gets the second and keeps the first.
 * Backblaze's library made this construction common, and klauspost/reedsolomon (Go) and reed-solomon-erasure (Rust) have it as their default.
 */
import { inverse, multiply, power } from './gf256.ts'

/** Rows of bytes, all of one length. */
export type Matrix = readonly Uint8Array[]

/** The systematic matrix of n rows and k columns; 1 <= k <= n <= 256. */
export function codeMatrix(k: number, n: number): Matrix {
  const vandermonde = Array.from({ length: n }, (_, row) => Uint8Array.from({ length: k }, (_, column) => power(row, column)))
  return product(vandermonde, inverted(vandermonde.slice(0, k)))
}

/** a · b. */
export function product(a: Matrix, b: Matrix): Matrix {
  const columns = b[0]?.length ?? 0
  return a.map((row) => {
    const out = new Uint8Array(columns)
    for (const [i, factor] of row.entries()) {
      const other = b[i] as Uint8Array
      for (let column = 0; column < columns; column++) out[column] = (out[column] as number) ^ multiply(factor, other[column] as number)
    }
    return out
  })
}

/** The inverse of a square matrix, by Gauss and Jordan. Throws a RangeError where it has none. */
export function inverted(matrix: Matrix): Matrix {
  const size = matrix.length
  const left: Uint8Array[] = matrix.map((row) => row.slice())
  const right: Uint8Array[] = matrix.map((_, i) => Uint8Array.from({ length: size }, (_, j) => Number(i === j)))
  for (let column = 0; column < size; column++) {
    const pivot = left.findIndex((row, i) => i >= column && row[column] !== 0)
    if (pivot < 0) throw new RangeError('the matrix has no inverse')
    for (const side of [left, right]) [side[column], side[pivot]] = [side[pivot] as Uint8Array, side[column] as Uint8Array]
    const scale = inverse(left[column]?.[column] as number)
    for (const side of [left, right]) scaleRow(side[column] as Uint8Array, scale)
    for (let row = 0; row < size; row++) {
      const factor = left[row]?.[column] as number
      if (row === column || factor === 0) continue
      for (const side of [left, right]) addRow(side[row] as Uint8Array, side[column] as Uint8Array, factor)
    }
  }
  return right
}

function scaleRow(row: Uint8Array, factor: number): void {
  for (let i = 0; i < row.length; i++) row[i] = multiply(row[i] as number, factor)
}

function addRow(row: Uint8Array, other: Uint8Array, factor: number): void {
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) ^ multiply(other[i] as number, factor)
}
