//! A chain with channels, and signatures that cost nothing: a seal names who signed what.
use crate::{self as nodestead_channels, channel::Phase, message::*, BalanceOf, Call, Error, HoldReason};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    assert_err, assert_ok, derive_impl, parameter_types,
    traits::{
        fungible::{Inspect, InspectHold},
        ConstU32, ConstU64,
    },
    BoundedVec,
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
    testing::UintAuthorityId,
    traits::{BlakeTwo256, Dispatchable, Hash, Lazy, Verify},
    BuildStorage, DispatchError, Perbill,
};

pub type AccountId = u64;
pub const START: u64 = 1_000;
pub const BOND: u64 = 20;
pub const CHALLENGE: u64 = 3;
/// An account that is party to nothing, and one that does not exist.
pub const STRANGER: AccountId = 9;
pub const NOBODY: AccountId = 77;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeHoldReason, RuntimeFreezeReason, RuntimeTask)]
    pub struct Test;
    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Channels = nodestead_channels;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<10>;
    type MaxFreezes = ConstU32<1>;
}

parameter_types! {
    pub const ProverShare: Perbill = Perbill::from_percent(25);
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type OffchainSignature = Seal;
    type OffchainPublic = UintAuthorityId;
    type MaxParties = ConstU32<4>;
    type MinimumBond = ConstU64<10>;
    type ProverShare = ProverShare;
    type MinimumChallenge = ConstU64<2>;
    type MaximumChallenge = ConstU64<100>;
}

#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Seal {
    by: AccountId,
    under: H256,
}

impl Seal {
    pub fn new(by: AccountId, message: &[u8]) -> Self {
        Self { by, under: BlakeTwo256::hash(message) }
    }
}

impl Verify for Seal {
    type Signer = UintAuthorityId;
    fn verify<L: Lazy<[u8]>>(&self, mut message: L, signer: &AccountId) -> bool {
        self.by == *signer && self.under == BlakeTwo256::hash(message.get())
    }
}

/// Accounts 1 to 4 and the stranger have the same.
pub fn network() -> sp_io::TestExternalities {
    let balances = [1, 2, 3, 4, STRANGER].map(|account| (account, START)).to_vec();
    let genesis = RuntimeGenesisConfig { balances: pallet_balances::GenesisConfig { balances, ..Default::default() }, ..Default::default() };
    let mut state: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
    state.execute_with(|| System::set_block_number(1));
    state
}

pub fn list<V: Clone, S: frame_support::traits::Get<u32>>(values: &[V]) -> BoundedVec<V, S> {
    BoundedVec::truncate_from(values.to_vec())
}

pub fn call(who: AccountId, call: Call<Test>) -> Result<(), DispatchError> {
    RuntimeCall::Channels(call).dispatch(RuntimeOrigin::signed(who)).map(|_| ()).map_err(|failure| failure.error)
}

/// Has party 1 open a channel and the others join; returns its identifier.
pub fn open_channel(deposits: &[u64]) -> H256 {
    let parties: Vec<AccountId> = (1..=deposits.len() as u64).collect();
    let id = propose(&parties, deposits);
    for party in &parties[1..] {
        call(*party, Call::join { channel: id }).unwrap();
    }
    id
}

pub fn propose(parties: &[AccountId], deposits: &[u64]) -> H256 {
    let known: Vec<H256> = crate::Channels::<Test>::iter_keys().collect();
    call(parties[0], Call::open { parties: list(parties), deposits: list(deposits), bond: BOND, challenge: CHALLENGE }).unwrap();
    crate::Channels::<Test>::iter_keys().find(|id| !known.contains(id)).expect("a channel was opened")
}

pub fn state(version: u64, balances: &[BalanceOf<Test>]) -> State<Test> {
    State { version, balances: list(balances) }
}

pub fn genesis() -> H256 {
    frame_system::BlockHash::<Test>::get(0)
}

/// Signed by accounts 1, 2, and so on, as many as there are balances.
pub fn signed(channel: H256, state: State<Test>, last: bool) -> SignedState<Test> {
    let message = state.message(&genesis(), &channel, last);
    let signatures: Vec<Seal> = (1..=state.balances.len() as u64).map(|party| Seal::new(party, &message)).collect();
    SignedState { state, signatures: list(&signatures) }
}

pub fn free(account: AccountId) -> u64 {
    <Balances as Inspect<_>>::balance(&account)
}

pub fn held(account: AccountId) -> u64 {
    Balances::balance_on_hold(&HoldReason::Channel.into(), &account)
}

pub fn phase(id: H256) -> Phase<Test> {
    crate::Channels::<Test>::get(id).expect("the channel exists").phase
}

pub fn registered(id: H256) -> u64 {
    match phase(id) {
        Phase::Disputed(dispute) => dispute.registered.version,
        other => panic!("no dispute but {other:?}"),
    }
}

pub fn dispute(who: AccountId, id: H256, newest: Option<SignedState<Test>>, pending: bool) -> Result<(), DispatchError> {
    call(who, Call::dispute { channel: id, newest, pending })
}

pub fn answer(who: AccountId, id: H256, newer: SignedState<Test>) -> Result<(), DispatchError> {
    call(who, Call::answer { channel: id, newer, pending: false })
}

pub fn after_deadline() {
    System::set_block_number(System::block_number() + CHALLENGE);
}

pub fn conclude(id: H256) {
    after_deadline();
    assert_ok!(call(STRANGER, Call::conclude { channel: id }));
}

pub fn withdraw(who: AccountId, id: H256) -> Result<(), DispatchError> {
    call(who, Call::withdraw { channel: id })
}

pub fn refused(result: Result<(), DispatchError>, error: Error<Test>) {
    assert_err!(result, error);
}
