//! Who authors and finalizes: a list of accounts that root keeps, or an account that the genesis names for it (a multisig, say).
//!
//! The list becomes the session's validators: a change is planned at the end of the running session and in force at the end of the one
//! after, as every change of authorities is, so that everybody has seen it in a finalized block before it counts. A session whose
//! authorities and keys are the last one's changes nothing, so GRANDPA's set id grows only where there is a reason.
//!
//! An authority that signs two blocks of a slot, or two votes of a round, can be shown to have done so by anybody who holds both. It
//! loses its place: it is off the list at once, hence out of the set two sessions later, and disabled meanwhile as long as fewer than a
//! third of the set are (GRANDPA needs more than two thirds). Nobody's money is touched. The last authority stays whatever it did:
//! a chain without one never makes a block again. For the same reason session keys cannot be purged where one authority alone has any.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use frame_support::{pallet_prelude::*, traits::EnsureOrigin};
use frame_system::pallet_prelude::*;
use pallet_session::historical::{self, IdentificationTuple};
use sp_runtime::Perbill;
use sp_staking::{
    offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
    SessionIndex,
};

pub use pallet::*;

/// Roots of this many sessions are kept, so that what an authority did in them can still be shown.
pub const KEPT_SESSIONS: SessionIndex = 168;

#[frame_support::pallet]
pub mod pallet {
    use super::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
        + historical::Config<FullIdentification = ()>
    {
        /// How long the list may grow.
        #[pallet::constant]
        type MaxAuthorities: Get<u32>;
    }

    /// The authorities of the sessions that are not planned yet.
    #[pallet::storage]
    pub type Accounts<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxAuthorities>, ValueQuery>;

    /// Who may change the list beside root.
    #[pallet::storage]
    pub type Manager<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An account becomes an authority two sessions from now.
        Added { account: T::AccountId },
        /// An account is no authority any more two sessions from now.
        Removed { account: T::AccountId },
        /// An account lost its place because it contradicted itself in this session.
        Expelled { account: T::AccountId, session: SessionIndex },
        /// The list was replaced.
        Changed { accounts: Vec<T::AccountId> },
        /// Who may change the list beside root.
        ManagerChanged { manager: Option<T::AccountId> },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// Nobody would make blocks any more.
        LastAuthority,
        /// The account has set no session keys.
        NoKeys,
        /// The account is on the list already.
        AlreadyAuthority,
        /// The account is not on the list.
        NotAuthority,
        /// The list is full.
        TooMany,
    }

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        pub accounts: Vec<T::AccountId>,
        /// Root alone where there is none.
        pub manager: Option<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Accounts::<T>::put(BoundedVec::try_from(self.accounts.clone()).expect("there are no more authorities than a network may have"));
            Manager::<T>::set(self.manager.clone());
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the whole list.
        #[pallet::call_index(0)]
        #[pallet::weight(T::DbWeight::get().reads_writes(accounts.len() as u64 + 2, 1))]
        pub fn set(origin: OriginFor<T>, accounts: Vec<T::AccountId>) -> DispatchResult {
            Self::ensure_manager(origin)?;
            ensure!(!accounts.is_empty(), Error::<T>::LastAuthority);
            let list = BoundedVec::<_, T::MaxAuthorities>::try_from(accounts.clone()).map_err(|_| Error::<T>::TooMany)?;
            let mut sorted = accounts.clone();
            sorted.sort();
            ensure!(sorted.windows(2).all(|pair| pair[0] != pair[1]), Error::<T>::AlreadyAuthority);
            for account in &accounts {
                ensure!(Self::has_keys(account), Error::<T>::NoKeys);
            }
            Accounts::<T>::put(list);
            Self::deposit_event(Event::Changed { accounts });
            Ok(())
        }

        /// Adds an account that has set its session keys.
        #[pallet::call_index(1)]
        #[pallet::weight(T::DbWeight::get().reads_writes(3, 1))]
        pub fn add(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            Self::ensure_manager(origin)?;
            ensure!(Self::has_keys(&account), Error::<T>::NoKeys);
            Accounts::<T>::try_mutate(|accounts| {
                ensure!(!accounts.contains(&account), Error::<T>::AlreadyAuthority);
                accounts.try_push(account.clone()).map_err(|_| Error::<T>::TooMany)
            })?;
            Self::deposit_event(Event::Added { account });
            Ok(())
        }

        /// Removes an account; its session keys stay.
        #[pallet::call_index(2)]
        #[pallet::weight(T::DbWeight::get().reads_writes(u64::from(T::MaxAuthorities::get()) + 2, 1))]
        pub fn remove(origin: OriginFor<T>, account: T::AccountId) -> DispatchResult {
            Self::ensure_manager(origin)?;
            Self::take_off(&account)?;
            Self::deposit_event(Event::Removed { account });
            Ok(())
        }

        /// Names the account that may change the list beside root, or takes that right away.
        #[pallet::call_index(3)]
        #[pallet::weight(T::DbWeight::get().writes(1))]
        pub fn set_manager(origin: OriginFor<T>, manager: Option<T::AccountId>) -> DispatchResult {
            ensure_root(origin)?;
            Manager::<T>::set(manager.clone());
            Self::deposit_event(Event::ManagerChanged { manager });
            Ok(())
        }
    }
}

impl<T: Config> Pallet<T> {
    fn ensure_manager(origin: OriginFor<T>) -> DispatchResult {
        if frame_system::EnsureRoot::<T::AccountId>::try_origin(origin.clone()).is_ok() {
            return Ok(());
        }
        let account = ensure_signed(origin)?;
        ensure!(Manager::<T>::get() == Some(account), DispatchError::BadOrigin);
        Ok(())
    }

    fn has_keys(account: &T::AccountId) -> bool {
        pallet_session::NextKeys::<T>::contains_key(account)
    }

    /// How many of the list could take part in a session that is planned now.
    pub fn able() -> usize {
        Accounts::<T>::get().iter().filter(|account| Self::has_keys(account)).count()
    }

    /// Takes an account off the list, unless nobody who has keys were left on it.
    fn take_off(account: &T::AccountId) -> DispatchResult {
        let mut accounts = Accounts::<T>::get();
        let place = accounts.iter().position(|other| other == account).ok_or(Error::<T>::NotAuthority)?;
        accounts.remove(place);
        ensure!(accounts.iter().any(Self::has_keys), Error::<T>::LastAuthority);
        Accounts::<T>::put(accounts);
        Ok(())
    }

    /// The list with keys, where the next session differs from the one that begins.
    fn plan() -> Option<Vec<T::AccountId>> {
        let next: Vec<_> =
            Accounts::<T>::get().into_iter().filter_map(|account| pallet_session::NextKeys::<T>::get(&account).map(|keys| (account, keys))).collect();
        if next.is_empty() || next == pallet_session::QueuedKeys::<T>::get() {
            return None;
        }
        Some(next.into_iter().map(|(account, _)| account).collect())
    }
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
    fn new_session(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        Self::plan()
    }
    fn new_session_genesis(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        Some(Accounts::<T>::get().into_inner())
    }
    fn start_session(index: SessionIndex) {
        if index > KEPT_SESSIONS {
            historical::Pallet::<T>::prune_up_to(index - KEPT_SESSIONS);
        }
    }
    fn end_session(_: SessionIndex) {}
}

impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
    fn new_session(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session(index).map(identified)
    }
    fn new_session_genesis(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
        <Self as pallet_session::SessionManager<_>>::new_session_genesis(index).map(identified)
    }
    fn start_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::start_session(index)
    }
    fn end_session(index: SessionIndex) {
        <Self as pallet_session::SessionManager<_>>::end_session(index)
    }
}

fn identified<A>(accounts: Vec<A>) -> Vec<(A, ())> {
    accounts.into_iter().map(|account| (account, ())).collect()
}

impl<T: Config, Reporter> OnOffenceHandler<Reporter, IdentificationTuple<T>, Weight> for Pallet<T> {
    fn on_offence(
        offenders: &[OffenceDetails<Reporter, IdentificationTuple<T>>], fractions: &[Perbill], session: SessionIndex,
    ) -> Weight {
        for (OffenceDetails { offender: (account, ()), .. }, fraction) in offenders.iter().zip(fractions) {
            // An account that was reported before is off the list; so may be one that left of its own will.
            if Self::take_off(account).is_ok() {
                Self::deposit_event(Event::Expelled { account: account.clone(), session });
            }
            pallet_session::Pallet::<T>::report_offence(account.clone(), OffenceSeverity(*fraction));
        }
        let count = offenders.len() as u64;
        T::DbWeight::get().reads_writes(count.saturating_mul(u64::from(T::MaxAuthorities::get()).saturating_add(4)), count.saturating_mul(3))
    }
}
