//! Balances, payment channels, and what transactions cost. Fees go to the author of the block; what cannot be given to it is burnt.
use crate::*;
use frame_support::traits::{
    fungible::{Balanced, Credit},
    ConstU8, OnUnbalanced,
};
use nodestead_settings::{ExistentialDeposit, FeeForLength, FeeForWeight};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill};

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit<Runtime>;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type ReserveIdentifier = [u8; 8];
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Gives fees and tips to the block's author. One whose account cannot take them gets nothing, and they are gone.
pub struct ToAuthor;
impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
    fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
        if let Some(author) = Authorship::author() {
            drop(Balances::resolve(&author, fee));
        }
    }
}

parameter_types! {
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 100_000);
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 1_000_000_000u128);
    pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(100);
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
    type WeightToFee = FeeForWeight<Runtime>;
    type LengthToFee = FeeForLength<Runtime>;
    type FeeMultiplierUpdate = TargetedFeeAdjustment<Self, TargetBlockFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

/// What the entry of a channel takes in the state for each party, and never less than an account needs to exist.
pub struct MinimumBond;
impl Get<Balance> for MinimumBond {
    fn get() -> Balance {
        ExistentialDeposit::<Runtime>::get().max(deposit(1, 128))
    }
}

parameter_types! {
    pub const ProverShare: Perbill = Perbill::from_percent(25);
}

impl nodestead_channels::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type OffchainSignature = Signature;
    type OffchainPublic = <Signature as Verify>::Signer;
    type MaxParties = ConstU32<16>;
    type MinimumBond = MinimumBond;
    type ProverShare = ProverShare;
    type MinimumChallenge = ConstU32<10>;
    type MaximumChallenge = ConstU32<1_000_000>;
}
