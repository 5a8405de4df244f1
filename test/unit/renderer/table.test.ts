/** The order of a table's rows, and which columns it has at which width. */
import { expect, test } from 'vitest'
import { columnsFor, nextOrder, sortRows, trackFor, type Column } from '../../../renderer/components/table.ts'

interface Row {
  readonly name: string
  readonly size: number | undefined
}

const columns: readonly Column<Row>[] = [
  { id: 'name', title: 'Name', width: '1fr', sortBy: ({ name }) => name },
  { id: 'size', title: 'Size', width: '1fr', numeric: true, sortBy: ({ size }) => size },
  { id: 'plain', title: 'Plain', width: '1fr' },
]
const rows: readonly Row[] = [
  { name: 'b10', size: 3 },
  { name: 'b9', size: undefined },
  { name: 'a', size: 20 },
]
const names = (order: Parameters<typeof sortRows>[2]): string[] => sortRows(rows, columns, order).map(({ name }) => name)

test('text sorts with its numbers as numbers, and what is unknown comes last either way', () => {
  expect(names({ column: 'name', descending: false })).toEqual(['a', 'b9', 'b10'])
  expect(names({ column: 'size', descending: true })).toEqual(['a', 'b10', 'b9'])
  expect(names({ column: 'size', descending: false })).toEqual(['b10', 'a', 'b9'])
  expect(names(undefined)).toEqual(['b10', 'b9', 'a'])
  expect(names({ column: 'plain', descending: false })).toEqual(['b10', 'b9', 'a'])
})

test('a head is clicked: numbers begin with the greatest, and a second click turns the order round', () => {
  const [name, size] = columns as [Column<Row>, Column<Row>]
  expect(nextOrder(undefined, size)).toEqual({ column: 'size', descending: true })
  expect(nextOrder({ column: 'size', descending: true }, size)).toEqual({ column: 'size', descending: false })
  expect(nextOrder({ column: 'size', descending: true }, name)).toEqual({ column: 'name', descending: false })
})

test('a column is at least as wide as its heading, whatever the language makes of it', () => {
  const wide = (title: string): number => title.length * 7
  expect(trackFor({ id: 'a', title: 'Lost', width: '72px' }, wide)).toBe('72px')
  expect(trackFor({ id: 'a', title: 'Descartados', width: '72px' }, wide)).toBe('93px')
  expect(trackFor({ id: 'a', title: 'Descartados', width: 'minmax(72px,1fr)', sortBy: () => 0 }, wide)).toBe('minmax(111px,1fr)')
})

test('what matters less leaves a narrow table', () => {
  const some: readonly Column<Row>[] = [{ id: 'name', title: 'Name', width: '1fr' }, { id: 'mean', title: 'Mean', width: '90px', from: 900 }]
  expect([0, 700, 899, 900].map((width) => columnsFor(some, width).length)).toEqual([2, 1, 1, 2])
})
