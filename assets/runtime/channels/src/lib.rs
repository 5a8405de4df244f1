//! Payment channels: parties put money into a channel once, pay each other any number of times by signing states off the chain, and get
//! it out by the newest state that all of them signed.
//!
//! ## The way of a channel
//!
//! 1. One party opens it: it names the parties, what each brings in, the bond, and how many blocks there are to answer a dispute. The
//!    others join. Each one's deposit and bond go on hold in its own account. Until all have joined, any of them can call it off.
//! 2. They pay each other by signing states with ascending versions (`message.rs`). The chain learns nothing of it.
//! 3. If they agree, they sign a last state and any of them closes with it: everybody is paid at once.
//! 4. If somebody is gone or cheats, a party opens a dispute with the newest state that it has. Until the deadline anybody may register
//!    a newer one; the deadline does not move. Afterwards the newest registered state counts, and everybody withdraws.
//!
//! ## What protects whom
//!
//! A party can register an old state in the hope that nobody looks. Whoever shows a newer one before the deadline (a party, or anybody
//! to whom one gave its states) undoes that, and the cheat loses its bond: a share to who showed it, the rest to the other parties.
//! Being right therefore needs one transaction within the deadline; a party that may be offline for longer hands its states to
//! somebody who is not.
//!
//! One case is no cheating: to agree on version 8, somebody has to sign it first, and the other may keep that signature and say
//! nothing. Then the first can show 7 only. It says so (`pending`) when it registers 7, and version 8 is no proof against it; 9 is.
//! From that follow the rules for a party: sign a version only when you hold the one before with all signatures; sign nothing while
//! there is a dispute, but a last state; sign nothing after a last state.
//!
//! What is not protected: money that a party's own signature gave away, and a party for which nobody answers within the deadline.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod channel;
pub mod message;
mod money;
mod weights;

// The tests: how a channel begins, which signed states count, disputes, payments;
// and every order of calls. All of them run on one chain, which is `tests/mock.rs`.
// The suite of the app does the same from outside, with signatures of real keys.
// They leave the compiled code as it is, and the hash of the sources with it.
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use channel::{forfeited, Channel, Dispute, Party, Phase};
use codec::Codec;
use frame_support::{
    pallet_prelude::*,
    traits::fungible::{Inspect, MutateHold},
};
use frame_system::pallet_prelude::*;
use message::SignedState;
use sp_runtime::{
    traits::{Hash, IdentifyAccount, Saturating, Verify, Zero},
    Perbill,
};

pub use pallet::*;

pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

#[frame_support::pallet]
pub mod pallet {
    use super::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        type RuntimeHoldReason: From<HoldReason>;

        /// What a party signs with.
        type OffchainSignature: Verify<Signer = Self::OffchainPublic> + Codec + DecodeWithMemTracking + Parameter + MaxEncodedLen;
        type OffchainPublic: IdentifyAccount<AccountId = Self::AccountId>;

        #[pallet::constant]
        type MaxParties: Get<u32>;

        /// The least bond. It is above zero, so that every party has something on hold until it is paid.
        #[pallet::constant]
        type MinimumBond: Get<BalanceOf<Self>>;

        /// Of a lost bond, the share of who showed the newer state.
        #[pallet::constant]
        type ProverShare: Get<Perbill>;

        /// The least and the most blocks that parties may set for the answer to a dispute.
        #[pallet::constant]
        type MinimumChallenge: Get<BlockNumberFor<Self>>;
        #[pallet::constant]
        type MaximumChallenge: Get<BlockNumberFor<Self>>;
    }

    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A deposit or a bond in a channel.
        Channel,
    }

    /// The channels that have not been paid out in full.
    #[pallet::storage]
    pub type Channels<T: Config> = StorageMap<_, Identity, T::Hash, Channel<T>, OptionQuery>;

    /// How many channels were ever opened. It makes the identifiers of two with the same terms differ.
    #[pallet::storage]
    pub type Count<T: Config> = StorageValue<_, u64, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A party proposes a channel and has put its own part in.
        Proposed { channel: T::Hash, parties: Vec<T::AccountId> },
        /// A party has put its part in.
        Joined { channel: T::Hash, party: T::AccountId },
        /// All have: states can be signed.
        Opened { channel: T::Hash },
        /// A party called it off before all had joined.
        CalledOff { channel: T::Hash, party: T::AccountId },
        /// A state is registered. Newer ones are taken in blocks before the deadline.
        Registered { channel: T::Hash, version: u64, by: T::AccountId, deadline: BlockNumberFor<T> },
        /// A party registered an older state than one that it had signed.
        BondLost { channel: T::Hash, party: T::AccountId, prover: T::AccountId },
        /// What everybody gets is settled.
        Concluded { channel: T::Hash, version: u64 },
        /// All agreed and were paid.
        Closed { channel: T::Hash, version: u64 },
        /// A party took what was due to it.
        Withdrawn { channel: T::Hash, party: T::AccountId, amount: BalanceOf<T> },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such channel (any more).
        UnknownChannel,
        /// The account is not a party of the channel.
        NotParty,
        /// A channel has at least two different parties, and as many deposits.
        BadParties,
        /// The bond is below the least one.
        BondTooSmall,
        /// The time for the answer to a dispute is too short or too long.
        BadChallenge,
        /// The deposits are more than there can be.
        TooMuch,
        /// The party has joined already.
        AlreadyJoined,
        /// This cannot be done in the phase that the channel is in.
        WrongPhase,
        /// A party's signature is missing or wrong.
        BadSignature,
        /// The balances of the state are not what was deposited.
        BadBalances,
        /// The state is not newer than what is registered.
        NotNewer,
        /// The deadline has passed.
        TooLate,
        /// The deadline has not passed.
        TooEarly,
        /// Everything that was due to the party is paid.
        NothingDue,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(!T::MinimumBond::get().is_zero(), "a party without anything on hold could not always be paid");
            assert!(T::MaxParties::get() >= 2 && !T::MinimumChallenge::get().is_zero() && T::MinimumChallenge::get() <= T::MaximumChallenge::get());
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Proposes a channel and puts one's own part in. `deposits` are in the order of `parties`; every party puts `bond` in beside.
        #[pallet::call_index(0)]
        #[pallet::weight(weights::open::<T>())]
        pub fn open(
            origin: OriginFor<T>, parties: BoundedVec<T::AccountId, T::MaxParties>, deposits: BoundedVec<BalanceOf<T>, T::MaxParties>,
            bond: BalanceOf<T>, challenge: BlockNumberFor<T>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            ensure!(parties.len() >= 2 && parties.len() == deposits.len(), Error::<T>::BadParties);
            ensure!((1..parties.len()).all(|index| !parties[..index].contains(&parties[index])), Error::<T>::BadParties);
            ensure!(bond >= T::MinimumBond::get(), Error::<T>::BondTooSmall);
            ensure!(challenge >= T::MinimumChallenge::get() && challenge <= T::MaximumChallenge::get(), Error::<T>::BadChallenge);
            let count = Count::<T>::mutate(|count| core::mem::replace(count, count.saturating_add(1)));
            let id = T::Hashing::hash_of(&(message::DOMAIN, count, &who, &parties, &deposits, bond, challenge));
            let entries = parties.iter().cloned().zip(deposits).map(|(account, deposit)| Party {
                account,
                deposit,
                held: Zero::zero(),
                bonds: Zero::zero(),
                bonded: false,
            });
            let mut channel = Channel::<T> { parties: BoundedVec::truncate_from(entries.collect()), bond, challenge, phase: Phase::Opening };
            ensure!(channel.adds_up(&channel.first_state()), Error::<T>::TooMuch);
            let index = channel.index_of(&who).ok_or(Error::<T>::NotParty)?;
            channel.parties[index].join(bond)?;
            Channels::<T>::insert(id, channel);
            Self::deposit_event(Event::Proposed { channel: id, parties: parties.into_inner() });
            Ok(())
        }

        /// Puts one's part into a channel that another proposed. Its identifier is a hash of its terms.
        #[pallet::call_index(1)]
        #[pallet::weight(weights::join::<T>())]
        pub fn join(origin: OriginFor<T>, channel: T::Hash) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::change(channel, |entry| {
                let index = entry.index_of(&who).ok_or(Error::<T>::NotParty)?;
                ensure!(entry.phase == Phase::Opening, Error::<T>::WrongPhase);
                ensure!(!entry.parties[index].bonded, Error::<T>::AlreadyJoined);
                let bond = entry.bond;
                entry.parties[index].join(bond)?;
                Self::deposit_event(Event::Joined { channel, party: who });
                if entry.parties.iter().all(|party| party.bonded) {
                    entry.phase = Phase::Open;
                    Self::deposit_event(Event::Opened { channel });
                }
                Ok(())
            })
        }

        /// Calls off a channel that not all have joined: everybody gets back what it put in.
        #[pallet::call_index(2)]
        #[pallet::weight(weights::pay_all::<T>())]
        pub fn call_off(origin: OriginFor<T>, channel: T::Hash) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let mut entry = Channels::<T>::take(channel).ok_or(Error::<T>::UnknownChannel)?;
            ensure!(entry.index_of(&who).is_some(), Error::<T>::NotParty);
            ensure!(entry.phase == Phase::Opening, Error::<T>::WrongPhase);
            entry.parties.iter_mut().try_for_each(Party::leave)?;
            Self::deposit_event(Event::CalledOff { channel, party: who });
            Ok(())
        }

        /// Pays everybody at once by a last state, signed by all. It counts in a dispute, too, and over every registered state that is
        /// not newer; nobody loses a bond by it.
        #[pallet::call_index(3)]
        #[pallet::weight(weights::close::<T>())]
        pub fn close(origin: OriginFor<T>, channel: T::Hash, last: SignedState<T>) -> DispatchResult {
            ensure_signed(origin)?;
            let mut entry = Channels::<T>::take(channel).ok_or(Error::<T>::UnknownChannel)?;
            Self::ensure_acceptable(&channel, &entry, &last, true)?;
            let mut dues = entry.dues(&last.state.balances);
            for index in 0..entry.parties.len() {
                entry.pay_out(index, &mut dues)?;
            }
            Self::deposit_event(Event::Closed { channel, version: last.state.version });
            Ok(())
        }

        /// Opens a dispute with the newest state that one holds with all signatures; none where no update was ever signed by all.
        /// `pending` says that one has signed the version after as well, but lacks another's signature under it.
        #[pallet::call_index(4)]
        #[pallet::weight(weights::register::<T>())]
        pub fn dispute(origin: OriginFor<T>, channel: T::Hash, newest: Option<SignedState<T>>, pending: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::change(channel, |entry| {
                let index = entry.index_of(&who).ok_or(Error::<T>::NotParty)?;
                ensure!(entry.phase == Phase::Open, Error::<T>::WrongPhase);
                if let Some(signed) = &newest {
                    Self::ensure_acceptable(&channel, entry, signed, false)?;
                }
                let registered = newest.map_or_else(|| entry.first_state(), |signed| signed.state);
                let deadline = frame_system::Pallet::<T>::block_number().saturating_add(entry.challenge);
                Self::deposit_event(Event::Registered { channel, version: registered.version, by: who, deadline });
                entry.phase = Phase::Disputed(Dispute { deadline, registered, by: Some(index as u32), pending });
                Ok(())
            })
        }

        /// Registers a newer state before the deadline. Anybody may; where a party registered what it knew to be old, it loses its bond.
        /// `pending` as in `dispute`, where a party calls.
        #[pallet::call_index(5)]
        #[pallet::weight(weights::register::<T>())]
        pub fn answer(origin: OriginFor<T>, channel: T::Hash, newer: SignedState<T>, pending: bool) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::change(channel, |entry| {
                let Phase::Disputed(dispute) = entry.phase.clone() else { return Err(Error::<T>::WrongPhase.into()) };
                ensure!(frame_system::Pallet::<T>::block_number() < dispute.deadline, Error::<T>::TooLate);
                Self::ensure_acceptable(&channel, entry, &newer, false)?;
                let index = entry.index_of(&who);
                if let Some(forfeit) = entry.forfeit(&dispute, newer.state.version, index) {
                    entry.reward(&forfeit, &who);
                    forfeited(channel, entry, &forfeit, who.clone()).into_iter().for_each(Self::deposit_event);
                }
                let Dispute { deadline, .. } = dispute;
                Self::deposit_event(Event::Registered { channel, version: newer.state.version, by: who, deadline });
                entry.phase = Phase::Disputed(Dispute { deadline, registered: newer.state, by: index.map(|index| index as u32), pending });
                Ok(())
            })
        }

        /// Settles a dispute whose deadline has passed by what is registered. Anybody may.
        #[pallet::call_index(6)]
        #[pallet::weight(weights::conclude::<T>())]
        pub fn conclude(origin: OriginFor<T>, channel: T::Hash) -> DispatchResult {
            ensure_signed(origin)?;
            Self::change(channel, |entry| {
                let Phase::Disputed(Dispute { deadline, registered, .. }) = &entry.phase else { return Err(Error::<T>::WrongPhase.into()) };
                ensure!(frame_system::Pallet::<T>::block_number() >= *deadline, Error::<T>::TooEarly);
                let version = registered.version;
                entry.phase = Phase::Concluded(entry.dues(&registered.balances));
                Self::deposit_event(Event::Concluded { channel, version });
                Ok(())
            })
        }

        /// Takes what is due to one from a channel that is settled. With the last withdrawal the channel ceases to exist.
        #[pallet::call_index(7)]
        #[pallet::weight(weights::pay_all::<T>())]
        pub fn withdraw(origin: OriginFor<T>, channel: T::Hash) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Channels::<T>::try_mutate_exists(channel, |entry| {
                let settled = entry.as_mut().ok_or(Error::<T>::UnknownChannel)?;
                let index = settled.index_of(&who).ok_or(Error::<T>::NotParty)?;
                let Phase::Concluded(mut dues) = settled.phase.clone() else { return Err(Error::<T>::WrongPhase.into()) };
                let amount = dues[index];
                ensure!(!amount.is_zero(), Error::<T>::NothingDue);
                settled.pay_out(index, &mut dues)?;
                let done = dues.iter().all(Zero::is_zero);
                settled.phase = Phase::Concluded(dues);
                if done {
                    *entry = None;
                }
                Self::deposit_event(Event::Withdrawn { channel, party: who, amount });
                Ok(())
            })
        }
    }

    impl<T: Config> Pallet<T> {
        fn change(id: T::Hash, change: impl FnOnce(&mut Channel<T>) -> DispatchResult) -> DispatchResult {
            Channels::<T>::try_mutate(id, |entry| change(entry.as_mut().ok_or(Error::<T>::UnknownChannel)?))
        }

        /// Whether a signed state may take the place of what is registered; signatures last, as they cost most.
        fn ensure_acceptable(id: &T::Hash, channel: &Channel<T>, signed: &SignedState<T>, last: bool) -> DispatchResult {
            ensure!(matches!(channel.phase, Phase::Open | Phase::Disputed(_)), Error::<T>::WrongPhase);
            channel.ensure_newer(signed.state.version)?;
            ensure!(channel.adds_up(&signed.state), Error::<T>::BadBalances);
            let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::zero());
            ensure!(signed.is_signed_by(channel.accounts(), &genesis, id, last), Error::<T>::BadSignature);
            Ok(())
        }
    }
}
