//! What the calls cost, from what they do: signatures checked, accounts and entries read and written.
//!
//! Every call is charged for as many parties as a channel may have. A signature may be checked twice, plain and wrapped (`message.rs`).
use crate::Config;
use frame_support::{pallet_prelude::*, weights::constants::WEIGHT_REF_TIME_PER_MICROS};

/// An sr25519 signature, on a host that checks it in Wasm.
const SIGNATURE: Weight = Weight::from_parts(150 * WEIGHT_REF_TIME_PER_MICROS, 0);
/// Decoding, comparing and encoding a channel.
const BASE: Weight = Weight::from_parts(50 * WEIGHT_REF_TIME_PER_MICROS, 0);

fn parties<T: Config>() -> u64 {
    T::MaxParties::get().into()
}

/// A channel and as many accounts, each with its holds.
fn touching<T: Config>(accounts: u64) -> Weight {
    let entries = accounts.saturating_mul(2).saturating_add(1);
    BASE.saturating_add(T::DbWeight::get().reads_writes(entries, entries))
}

fn signatures<T: Config>() -> Weight {
    SIGNATURE.saturating_mul(parties::<T>().saturating_mul(2))
}

/// The counter beside.
pub fn open<T: Config>() -> Weight {
    touching::<T>(1).saturating_add(T::DbWeight::get().reads_writes(1, 1))
}

pub fn join<T: Config>() -> Weight {
    touching::<T>(1)
}

/// Signatures, the genesis hash, and the accounts of a lost bond.
pub fn register<T: Config>() -> Weight {
    touching::<T>(2).saturating_add(T::DbWeight::get().reads(1)).saturating_add(signatures::<T>())
}

pub fn conclude<T: Config>() -> Weight {
    touching::<T>(0)
}

/// Each party may be paid from all the others, over and over: their accounts are touched in memory after the first time.
pub fn pay_all<T: Config>() -> Weight {
    touching::<T>(parties::<T>()).saturating_add(BASE.saturating_mul(parties::<T>()))
}

/// Signatures, the genesis hash, and all accounts.
pub fn close<T: Config>() -> Weight {
    pay_all::<T>().saturating_add(BASE.saturating_mul(parties::<T>().saturating_mul(parties::<T>()))).saturating_add(T::DbWeight::get().reads(1)).saturating_add(signatures::<T>())
}
