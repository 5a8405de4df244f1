//! What the genesis of a network decides once and for all: how long a slot and an epoch last, what an account must hold to exist,
//! whether transactions cost fees, and how much of its smallest unit a network calls one token.
//!
//! Other runtimes have these as constants; here one runtime serves every network, so they lie in the state, together under one key.
//! The types of this crate hand them to other pallets as `Get`: a read of a key that every block touches, which a node has at hand.
//! Nothing writes them after the genesis: BABE's slot numbers are times divided by the slot duration and would run backwards.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(test)]
mod tests;

use alloc::{format, string::String};
use codec::{Decode, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight, WeightToFee},
};
use scale_info::TypeInfo;

pub use pallet::*;

/// In the smallest unit of the token.
pub type Balance = u128;

/// Slots are told in milliseconds. People choose 1 to 60 s; tests go below.
pub const SLOT_DURATIONS: core::ops::RangeInclusive<u64> = 100..=60_000;
/// In slots; a week of slots of a second at most.
pub const EPOCH_LENGTHS: core::ops::RangeInclusive<u64> = 2..=604_800;
/// In the smallest unit.
pub const UNITS: core::ops::RangeInclusive<Balance> = 1..=1_000_000_000_000_000_000_000_000_000_000;

#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct NetworkSettings {
    /// In milliseconds, even: BABE counts in halves of it.
    pub slot_duration: u64,
    /// In slots.
    pub epoch_length: u64,
    /// What an account holds at least; it ceases to exist below.
    pub existential_deposit: Balance,
    /// Whether transactions cost anything.
    pub fees: bool,
    /// One token in its smallest unit: prices and deposits are parts of it.
    pub unit: Balance,
}

impl Default for NetworkSettings {
    /// Six seconds, an hour, a thousandth of a token, with fees; a token has twelve decimals.
    fn default() -> Self {
        Self { slot_duration: 6_000, epoch_length: 600, existential_deposit: 1_000_000_000, fees: true, unit: 1_000_000_000_000 }
    }
}

impl NetworkSettings {
    /// Says which setting is wrong, and why.
    pub fn check(&self) -> Result<(), String> {
        let Self { slot_duration, epoch_length, existential_deposit, fees: _, unit } = self;
        if !SLOT_DURATIONS.contains(slot_duration) {
            let (least, most) = (SLOT_DURATIONS.start(), SLOT_DURATIONS.end());
            return Err(format!("settings.slotDuration is {slot_duration} ms; it has to be from {least} to {most}"));
        }
        if slot_duration % 2 != 0 {
            return Err(format!("settings.slotDuration is {slot_duration} ms; it has to be even"));
        }
        if !EPOCH_LENGTHS.contains(epoch_length) {
            let (least, most) = (EPOCH_LENGTHS.start(), EPOCH_LENGTHS.end());
            return Err(format!("settings.epochLength is {epoch_length} slots; it has to be from {least} to {most}"));
        }
        if *existential_deposit == 0 {
            return Err("settings.existentialDeposit is 0; without one, empty accounts would stay in the state for ever".into());
        }
        if !UNITS.contains(unit) {
            return Err(format!("settings.unit is {unit}; it has to be from 1 to 10^30, as 10^12 for a token with twelve decimals"));
        }
        Ok(())
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The settings of this network.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type Values<T: Config> = StorageValue<_, NetworkSettings, ValueQuery>;

    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        pub slot_duration: u64,
        pub epoch_length: u64,
        pub existential_deposit: Balance,
        pub fees: bool,
        pub unit: Balance,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            let NetworkSettings { slot_duration, epoch_length, existential_deposit, fees, unit } = Default::default();
            Self { slot_duration, epoch_length, existential_deposit, fees, unit, _config: PhantomData }
        }
    }

    impl<T: Config> GenesisConfig<T> {
        pub fn settings(&self) -> NetworkSettings {
            let &Self { slot_duration, epoch_length, existential_deposit, fees, unit, .. } = self;
            NetworkSettings { slot_duration, epoch_length, existential_deposit, fees, unit }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let settings = self.settings();
            settings.check().expect("the settings of the genesis hold");
            Values::<T>::put(settings);
        }
    }
}

/// In milliseconds.
pub struct SlotDuration<T>(PhantomData<T>);
impl<T: Config> Get<u64> for SlotDuration<T> {
    fn get() -> u64 {
        Values::<T>::get().slot_duration
    }
}

/// The least time between two blocks in milliseconds: half a slot.
pub struct MinimumPeriod<T>(PhantomData<T>);
impl<T: Config> Get<u64> for MinimumPeriod<T> {
    fn get() -> u64 {
        Values::<T>::get().slot_duration / 2
    }
}

/// In slots, or in blocks where an engine counts these.
pub struct EpochLength<T>(PhantomData<T>);
impl<T: Config> Get<u64> for EpochLength<T> {
    fn get() -> u64 {
        Values::<T>::get().epoch_length
    }
}
impl<T: Config> Get<u32> for EpochLength<T> {
    fn get() -> u32 {
        // The genesis lets nothing pass that is longer than a week of seconds.
        Values::<T>::get().epoch_length as u32
    }
}

pub struct ExistentialDeposit<T>(PhantomData<T>);
impl<T: Config> Get<Balance> for ExistentialDeposit<T> {
    fn get() -> Balance {
        Values::<T>::get().existential_deposit
    }
}

/// One token in its smallest unit.
pub struct Unit<T>(PhantomData<T>);
impl<T: Config> Get<Balance> for Unit<T> {
    fn get() -> Balance {
        Values::<T>::get().unit
    }
}

/// The fee for the time that a transaction takes: one token for a second.
pub struct FeeForWeight<T>(PhantomData<T>);
impl<T: Config> WeightToFee for FeeForWeight<T> {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        fee(&Values::<T>::get(), weight.ref_time(), WEIGHT_REF_TIME_PER_SECOND)
    }
}

/// The fee for the bytes of a transaction, given as the reference time of a weight: one token for a million.
pub struct FeeForLength<T>(PhantomData<T>);
impl<T: Config> WeightToFee for FeeForLength<T> {
    type Balance = Balance;
    fn weight_to_fee(length: &Weight) -> Balance {
        fee(&Values::<T>::get(), length.ref_time(), BYTES_PER_TOKEN)
    }
}

const BYTES_PER_TOKEN: u64 = 1_000_000;

fn fee(settings: &NetworkSettings, amount: u64, per_token: u64) -> Balance {
    if settings.fees { Balance::from(amount).saturating_mul(settings.unit) / Balance::from(per_token) } else { 0 }
}
