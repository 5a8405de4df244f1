import { describe, expect, it } from 'vitest'
import { parseTypeName, type TypeShape } from '../../../../../node-core/chain/explorer/untyped/type-name.ts'

const name = (text: string): TypeShape => ({ kind: 'name', name: text })
const list = (of: TypeShape): TypeShape => ({ kind: 'list', of })
const compact = (of: TypeShape): TypeShape => ({ kind: 'compact', of })

describe('the name of a type in source code', () => {
  it.each<[string, TypeShape]>([
    ['u32', name('u32')],
    ['T::AccountId', name('AccountId')],
    ['BalanceOf<T, I>', name('BalanceOf')],
    ['schedule::Period<T::BlockNumber>', name('Period')],
    ['<T::Lookup as StaticLookup>::Source', name('LookupSource')],
    ['<<T as frame_system::Config>::Lookup as StaticLookup>::Source', name('LookupSource')],
    ['<T as Trait<I>>::Proposal', name('Proposal')],
    ['Box<<T as Trait>::Call>', name('Call')],
    ['<T::AuthorityId as RuntimeAppPublic>::Signature', name('Signature')],
    ['Vec<<T::Lookup as StaticLookup>::Source>', list(name('LookupSource'))],
    ['Compact<BalanceOf<T>>', compact(name('BalanceOf'))],
    ['Vec<(T::AccountId, Data)>', list({ kind: 'tuple', of: [name('AccountId'), name('Data')] })],
    ['Option<(BalanceOf<T>, BalanceOf<T>, T::BlockNumber)>', { kind: 'option', of: { kind: 'tuple', of: [name('BalanceOf'), name('BalanceOf'), name('BlockNumber')] } }],
    ['[u8; 32]', { kind: 'array', of: name('u8'), length: 32 }],
    ['[u8;4]', { kind: 'array', of: name('u8'), length: 4 }],
    ['()', { kind: 'tuple', of: [] }],
    ['(u8)', name('u8')],
    ['Result<(), DispatchError>', { kind: 'result', ok: { kind: 'tuple', of: [] }, error: name('DispatchError') }],
    ['BoundedVec<u8, 32>', list(name('u8'))],
    ['BTreeMap<T::AccountId, u32>', list({ kind: 'tuple', of: [name('AccountId'), name('u32')] })],
    ['sp_std::marker::PhantomData<(AccountId, Event)>', { kind: 'tuple', of: [] }],
    ['DoubleVoteReport<<T::KeyOwnerProofSystem as KeyOwnerProofSystem<(KeyTypeId, ValidatorId)>>::Proof>', name('DoubleVoteReport')],
    ['Vec<\n  T::Hash\n>', list(name('Hash'))],
  ])('%j', (text, shape) => {
    expect(parseTypeName(text)).toEqual(shape)
  })

  it.each(['', 'Vec<', '[u8; x]', '<T as>', '(u8', 'u8 u8', ')', '7'])('%j is none', (text) => {
    expect(() => parseTypeName(text)).toThrow(expect.objectContaining({ code: 'EXPLORER_UNDECODABLE' }))
  })
})
