//! A chain with sessions of five blocks and three authorities, for the tests of this pallet.
use crate as nodestead_authorities;
use frame_support::{derive_impl, traits::ConstU32, traits::Hooks};
use pallet_session::historical;
use sp_runtime::{impl_opaque_keys, testing::UintAuthorityId, traits::Convert, traits::ConvertInto, BuildStorage};

pub type AccountId = u64;
pub const MANAGER: AccountId = 90;
pub const SESSION_BLOCKS: u64 = 5;

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
    pub type Authorities = nodestead_authorities;
    #[runtime::pallet_index(3)]
    pub type Historical = historical;
    #[runtime::pallet_index(4)]
    pub type Session = pallet_session;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

impl_opaque_keys! {
    pub struct Keys {
        pub dummy: UintAuthorityId,
    }
}

pub type Periods = pallet_session::PeriodicSessions<frame_support::traits::ConstU64<SESSION_BLOCKS>, frame_support::traits::ConstU64<0>>;

impl pallet_session::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Periods;
    type NextSessionRotation = Periods;
    type SessionManager = historical::NoteHistoricalRoot<Test, Authorities>;
    type SessionHandler = pallet_session::TestSessionHandler;
    type Keys = Keys;
    type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
    type WeightInfo = ();
    type Currency = Balances;
    type KeyDeposit = frame_support::traits::ConstU64<0>;
}

pub struct NoIdentification;
impl Convert<AccountId, Option<()>> for NoIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl historical::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NoIdentification;
}

impl nodestead_authorities::Config for Test {
    type MaxAuthorities = ConstU32<6>;
}

/// Accounts 1 to `count` are the authorities; those up to 9 have keys.
pub fn network(count: u64) -> sp_io::TestExternalities {
    let keys = |accounts: std::ops::RangeInclusive<u64>| accounts.map(|account| (account, account, Keys { dummy: account.into() })).collect();
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig { balances: (1..=9).chain([20, MANAGER]).map(|account| (account, 100)).collect(), ..Default::default() },
        authorities: nodestead_authorities::GenesisConfig { accounts: (1..=count).collect(), manager: Some(MANAGER) },
        session: pallet_session::GenesisConfig { keys: keys(1..=count), non_authority_keys: keys(count + 1..=9) },
        ..Default::default()
    };
    let mut state: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
    state.execute_with(|| to_block(1));
    state
}

pub fn to_block(number: u64) {
    while System::block_number() < number {
        System::set_block_number(System::block_number() + 1);
        Session::on_initialize(System::block_number());
    }
}

/// Goes on to the first block of the session after `count` more.
pub fn sessions(count: u64) {
    let next = System::block_number() / SESSION_BLOCKS + count;
    to_block(next * SESSION_BLOCKS);
}
