/** Whom finality waits for, in a sentence. */
import { expect, it } from 'vitest'
import type { AuthorityReport, AuthorityRow } from '../../../node-core/api/network/authorities.ts'
import { presenceMark, presenceSentence, waitingSentence } from '../../../renderer/text/authorities.ts'

const row = (name: string, presence: AuthorityRow['presence'], weight: number | undefined = 1): AuthorityRow => ({
  key: `0x${name}`, address: '5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX', name, presence, lastBlock: undefined, lastVote: undefined, missed: undefined, weight,
})
const report = (rows: readonly AuthorityRow[], threshold: number): AuthorityReport => ({ rows, blocks: 0, finality: { total: rows.length, threshold, behind: 5 } })

it('names who is missing where that leaves no supermajority', () => {
  const three = report([row('Alice', 'self'), row('Bob', 'here'), row('Charlie', 'away')], 3)
  expect(waitingSentence(three)).toBe("2 of 3 authorities are here; Charlie's computer is missing; finality waits.")
  expect(waitingSentence(report([row('Alice', 'self'), row('Bob', 'away'), row('Charlie', 'away')], 3))).toBe("1 of 3 authorities are here; the computers of Bob, Charlie are missing; finality waits.")
  const many = ['A', 'B', 'C', 'D'].map((name) => row(name, 'away'))
  expect(waitingSentence(report([...many, row('E', 'here')], 4))).toBe('1 of 5 authorities are here; 4 computers are missing; finality waits.')
})

it('says nothing where the others are enough, where it is not known yet, or where nothing is final by votes', () => {
  const four = [row('Alice', 'self'), row('Bob', 'here'), row('Charlie', 'here'), row('Dave', 'away')]
  expect(waitingSentence(report(four, 3))).toBeUndefined()
  expect(presenceSentence(report(four, 3))).toBe('3 of 4 authorities here')
  expect(waitingSentence(report([row('Alice', 'self'), row('Bob', 'unknown')], 2))).toBeUndefined()
  expect(waitingSentence({ ...report([row('Alice', 'self'), row('Bob', 'away')], 2), finality: undefined })).toBeUndefined()
})

it('is green only for who is there', () => {
  expect((['self', 'here', 'away', 'unknown'] as const).map((presence) => presenceMark({ presence }).tone)).toEqual(['well', 'well', 'attention', 'off'])
})
