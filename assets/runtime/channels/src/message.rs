//! What parties sign for each other: the encoding of a state of a channel, and the check of the signatures under it.
//!
//! A signed state must mean one thing only. So what is signed begins with a word that nothing else on a chain begins with, names the
//! chain by its genesis and the channel by the hash of its terms, and says whether it is the last one.
//!
//! | field    | encoding                                                        |
//! | -------- | --------------------------------------------------------------- |
//! | domain   | the 20 bytes `nodestead/channel/v1`, without a length before    |
//! | genesis  | the hash of block 0, 32 bytes                                   |
//! | channel  | the channel's identifier, 32 bytes                              |
//! | version  | u64, little-endian; the first update is 1                       |
//! | last     | one byte: 1 for an agreement to close, else 0                   |
//! | balances | SCALE `Vec<u128>`, in the order of the parties                  |
//!
//! The bytes are signed as an account of the chain signs bytes: with sr25519 (context `substrate`), with ed25519, or with ECDSA over
//! their BLAKE2b-256. A wallet that signs nothing but text puts `<Bytes>` and `</Bytes>` around; that counts as well.
use crate::{BalanceOf, Config};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::*, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;
use sp_runtime::traits::Verify;

/// The first byte is the index of no pallet, so that the bytes are no transaction either.
pub const DOMAIN: [u8; 20] = *b"nodestead/channel/v1";

/// How much of the money in a channel belongs to whom.
#[derive(CloneNoBound, DebugNoBound, Decode, DecodeWithMemTracking, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct State<T: Config> {
    pub version: u64,
    /// In the order of the parties; together what they deposited.
    pub balances: BoundedVec<BalanceOf<T>, T::MaxParties>,
}

/// A state with the signature of each party, in their order.
#[derive(CloneNoBound, DebugNoBound, Decode, DecodeWithMemTracking, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct SignedState<T: Config> {
    pub state: State<T>,
    pub signatures: BoundedVec<T::OffchainSignature, T::MaxParties>,
}

impl<T: Config> State<T> {
    /// What is signed. `last` is true where all agree to close the channel with this state.
    pub fn message(&self, genesis: &T::Hash, channel: &T::Hash, last: bool) -> Vec<u8> {
        (DOMAIN, genesis, channel, self.version, last, &self.balances).encode()
    }
}

impl<T: Config> SignedState<T> {
    /// Whether each of the parties signed this state.
    pub fn is_signed_by<'a>(&self, parties: impl ExactSizeIterator<Item = &'a T::AccountId>, genesis: &T::Hash, channel: &T::Hash, last: bool) -> bool
    where
        T::AccountId: 'a,
    {
        let plain = self.state.message(genesis, channel, last);
        let wrapped = [&b"<Bytes>"[..], &plain, &b"</Bytes>"[..]].concat();
        self.signatures.len() == parties.len()
            && self.signatures.iter().zip(parties).all(|(signature, party)| signature.verify(&plain[..], party) || signature.verify(&wrapped[..], party))
    }
}
