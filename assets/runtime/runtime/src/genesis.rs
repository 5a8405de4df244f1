//! The genesis: what a network may choose, the networks that the runtime knows by name, and the checks that come before.
//!
//! Pallets panic over a genesis that they cannot use, and all that a caller learns then is that the runtime trapped. So what a person
//! can get wrong is checked first, and answered in words.
use crate::*;
use alloc::{collections::BTreeSet, format, string::String, string::ToString, vec, vec::Vec};
use frame_support::traits::BuildGenesisConfig;
use sp_core::crypto::Ss58Codec;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::traits::OpaqueKeys;

/// What each well-known account of a preset starts with: ten million tokens of twelve decimals.
const ENDOWMENT: Balance = 10_000_000_000_000_000_000;

/// Authorities by the name of a preset: an account to hold the place, and the pairs of its session keys.
const AUTHORITIES: [(Sr25519Keyring, Sr25519Keyring, Ed25519Keyring); 4] = [
    (Sr25519Keyring::AliceStash, Sr25519Keyring::Alice, Ed25519Keyring::Alice),
    (Sr25519Keyring::BobStash, Sr25519Keyring::Bob, Ed25519Keyring::Bob),
    (Sr25519Keyring::CharlieStash, Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
    (Sr25519Keyring::DaveStash, Sr25519Keyring::Dave, Ed25519Keyring::Dave),
];

pub fn names() -> Vec<PresetId> {
    vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}

/// What a preset changes about the defaults, as JSON.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
    let authorities = match id.as_str() {
        DEV_RUNTIME_PRESET => &AUTHORITIES[..1],
        LOCAL_TESTNET_RUNTIME_PRESET => &AUTHORITIES[..],
        _ => return None,
    };
    let balances: Vec<(AccountId, Balance)> = Sr25519Keyring::well_known().map(|who| (who.to_account_id(), ENDOWMENT)).collect();
    let accounts: Vec<AccountId> = authorities.iter().map(|(stash, ..)| stash.to_account_id()).collect();
    let keys: Vec<_> = authorities
        .iter()
        .map(|(stash, author, grandpa)| (stash.to_account_id(), stash.to_account_id(), session_keys(*author, *grandpa)))
        .collect();
    let patch = frame_support::build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig { balances },
        authorities: AuthoritiesConfig { accounts },
        session: SessionConfig { keys },
        sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
    });
    Some(patch.to_string().into_bytes())
}

#[cfg(not(feature = "aura"))]
fn session_keys(author: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
    SessionKeys { grandpa: grandpa.public().into(), babe: author.public().into() }
}
#[cfg(feature = "aura")]
fn session_keys(author: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
    SessionKeys { grandpa: grandpa.public().into(), aura: author.public().into() }
}

/// Writes the genesis state of a configuration, given whole, as JSON.
pub fn build(json: &[u8]) -> Result<(), String> {
    let config: RuntimeGenesisConfig = serde_json::from_slice(json).map_err(|error| format!("the configuration does not read: {error}"))?;
    config.settings.settings().check()?;
    check_balances(&config)?;
    check_authorities(&config)?;
    check_engines(&config)?;
    config.build();
    Ok(())
}

fn check_balances(config: &RuntimeGenesisConfig) -> Result<(), String> {
    let least = config.settings.existential_deposit;
    let mut seen = BTreeSet::new();
    let mut total: Balance = 0;
    for (account, balance) in &config.balances.balances {
        let name = account.to_ss58check();
        if *balance < least {
            return Err(format!("balances: {name} has {balance}; the existential deposit is {least}"));
        }
        if !seen.insert(account) {
            return Err(format!("balances: {name} is there twice"));
        }
        total = total.checked_add(*balance).ok_or("balances: together they are more than 2^128 - 1")?;
    }
    Ok(())
}

fn check_authorities(config: &RuntimeGenesisConfig) -> Result<(), String> {
    let accounts = &config.authorities.accounts;
    let most = <consensus::MaxAuthorities as Get<u32>>::get();
    if accounts.is_empty() {
        return Err("authorities.accounts is empty: nobody would make blocks".into());
    }
    if accounts.len() > most as usize {
        return Err(format!("authorities.accounts has {} entries; {most} are the most", accounts.len()));
    }
    let session = &config.session;
    let mut holders = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (account, holder, own) in session.keys.iter().chain(&session.non_authority_keys) {
        let name = account.to_ss58check();
        if account != holder {
            return Err(format!("session.keys: {name} stands beside another account; both have to be the same"));
        }
        if !holders.insert(account) {
            return Err(format!("session.keys: {name} is there twice"));
        }
        for id in SessionKeys::key_ids() {
            if !keys.insert((id.0, own.get_raw(*id))) {
                return Err(format!("session.keys: a key of {name} is another account's already"));
            }
        }
    }
    let mut seen = BTreeSet::new();
    for account in accounts {
        let name = account.to_ss58check();
        if !seen.insert(account) {
            return Err(format!("authorities.accounts: {name} is there twice"));
        }
        if !holders.contains(account) {
            return Err(format!("authorities.accounts: {name} has no entry in session.keys"));
        }
    }
    Ok(())
}

/// The engines take their authorities from the session; given twice they would panic.
fn check_engines(config: &RuntimeGenesisConfig) -> Result<(), String> {
    if !config.grandpa.authorities.is_empty() {
        return Err("grandpa.authorities has to be empty: the session's keys are taken".into());
    }
    check_author_engine(config)
}

#[cfg(not(feature = "aura"))]
fn check_author_engine(config: &RuntimeGenesisConfig) -> Result<(), String> {
    if !config.babe.authorities.is_empty() {
        return Err("babe.authorities has to be empty: the session's keys are taken".into());
    }
    let (numerator, denominator) = config.babe.epoch_config.c;
    if numerator == 0 || numerator > denominator {
        return Err(format!("babe.epochConfig.c is {numerator}/{denominator}; it has to be above 0 and at most 1"));
    }
    Ok(())
}

#[cfg(feature = "aura")]
fn check_author_engine(config: &RuntimeGenesisConfig) -> Result<(), String> {
    if !config.aura.authorities.is_empty() {
        return Err("aura.authorities has to be empty: the session's keys are taken".into());
    }
    Ok(())
}
