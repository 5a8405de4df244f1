//! A channel as it lies in the state, and the arithmetic of it: who registered what, whose bond is gone, what everybody gets.
//! No money is moved here (see `money.rs`).
use crate::{message::State, BalanceOf, Config, Error, Event};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::*, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::traits::{CheckedAdd, Saturating, Zero};

pub type Amounts<T> = BoundedVec<BalanceOf<T>, <T as Config>::MaxParties>;

#[derive(CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct Party<T: Config> {
    pub account: T::AccountId,
    /// What it brings in.
    pub deposit: BalanceOf<T>,
    /// Of its account, what is on hold for this channel. Zero until it has joined.
    pub held: BalanceOf<T>,
    /// What it gets beside its balance in the end: its bond as long as it has not lost that, and parts of those of others.
    pub bonds: BalanceOf<T>,
    /// Whether its own bond is still to lose.
    pub bonded: bool,
}

#[derive(CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct Channel<T: Config> {
    pub parties: BoundedVec<Party<T>, T::MaxParties>,
    /// What each party puts up beside its deposit.
    pub bond: BalanceOf<T>,
    /// How many blocks there are to answer a dispute.
    pub challenge: BlockNumberFor<T>,
    pub phase: Phase<T>,
}

#[derive(CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub enum Phase<T: Config> {
    /// Not all parties have joined.
    Opening,
    /// States are signed off the chain.
    Open,
    /// A state is registered and may be outdone by a newer one before the deadline.
    Disputed(Dispute<T>),
    /// What each party may still withdraw, in their order.
    Concluded(Amounts<T>),
}

#[derive(CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct Dispute<T: Config> {
    /// The first block in which it is too late for an answer. It is set once.
    pub deadline: BlockNumberFor<T>,
    pub registered: State<T>,
    /// The party that registered the state; none where somebody else did.
    pub by: Option<u32>,
    /// Whether that party said that it has signed the version after, too.
    pub pending: bool,
}

/// What becomes of a lost bond.
pub struct Forfeit<T: Config> {
    /// The party that lost it.
    pub loser: u32,
    /// The share of whoever showed the newer state, if that was not the loser.
    pub reward: BalanceOf<T>,
}

impl<T: Config> Channel<T> {
    pub fn accounts(&self) -> impl ExactSizeIterator<Item = &T::AccountId> {
        self.parties.iter().map(|party| &party.account)
    }

    pub fn index_of(&self, account: &T::AccountId) -> Option<usize> {
        self.accounts().position(|other| other == account)
    }

    /// The state before the first update.
    pub fn first_state(&self) -> State<T> {
        let balances = self.parties.iter().map(|party| party.deposit).collect::<alloc::vec::Vec<_>>();
        State { version: 0, balances: BoundedVec::truncate_from(balances) }
    }

    /// Whether `state` shares out what is in the channel, neither more nor less.
    pub fn adds_up(&self, state: &State<T>) -> bool {
        let inside = sum(self.parties.iter().map(|party| party.deposit));
        state.balances.len() == self.parties.len() && inside.is_some() && sum(state.balances.iter().copied()) == inside
    }

    /// Takes the bond of the party that registered a state where one of `version`, signed by all, shows that it knew better.
    ///
    /// It may have signed one version more than it can show, when another's signature under that has not come back. Where it said so,
    /// that version is no proof against it.
    pub fn forfeit(&mut self, dispute: &Dispute<T>, version: u64, prover: Option<usize>) -> Option<Forfeit<T>> {
        let loser = dispute.by? as usize;
        let admitted = dispute.registered.version.saturating_add(dispute.pending.into());
        let bond = self.bond;
        let party = self.parties.get_mut(loser)?;
        if version <= admitted || !party.bonded {
            return None;
        }
        party.bonded = false;
        party.bonds = party.bonds.saturating_sub(bond);
        let reward = if prover == Some(loser) { Zero::zero() } else { T::ProverShare::get() * bond };
        self.share_out(loser, bond.saturating_sub(reward));
        Some(Forfeit { loser: loser as u32, reward })
    }

    /// Gives an amount to all parties but one, in equal parts; what does not divide goes to the first of them.
    pub fn share_out(&mut self, but: usize, amount: BalanceOf<T>) {
        let others = (self.parties.len() as u32).saturating_sub(1);
        if others == 0 {
            return;
        }
        let part = amount / others.into();
        let mut rest = amount.saturating_sub(part.saturating_mul(others.into()));
        for (index, party) in self.parties.iter_mut().enumerate() {
            if index != but {
                party.bonds = party.bonds.saturating_add(part).saturating_add(core::mem::take(&mut rest));
            }
        }
    }

    /// What each party gets in the end by these balances.
    pub fn dues(&self, balances: &Amounts<T>) -> Amounts<T> {
        let dues = balances.iter().zip(&self.parties).map(|(balance, party)| balance.saturating_add(party.bonds));
        BoundedVec::truncate_from(dues.collect())
    }

    /// Whether a state may be registered over what is there.
    pub fn ensure_newer(&self, version: u64) -> DispatchResult {
        match &self.phase {
            Phase::Disputed(Dispute { registered, .. }) => ensure!(version > registered.version, Error::<T>::NotNewer),
            _ => ensure!(version > 0, Error::<T>::NotNewer),
        }
        Ok(())
    }
}

/// None where it is more than there can be.
fn sum<Amount: CheckedAdd + Zero>(mut amounts: impl Iterator<Item = Amount>) -> Option<Amount> {
    amounts.try_fold(Amount::zero(), |sum, amount| sum.checked_add(&amount))
}

/// The event of a lost bond.
pub fn forfeited<T: Config>(id: T::Hash, channel: &Channel<T>, forfeit: &Forfeit<T>, prover: T::AccountId) -> Option<Event<T>> {
    let loser = channel.parties.get(forfeit.loser as usize)?.account.clone();
    Some(Event::BondLost { channel: id, party: loser, prover })
}
