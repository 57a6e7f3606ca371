"""Which findings ask for which runbook: the whole list.

A rule stands with its id and the name of its file, a detector's finding with its id alone. What is
not here is asked for its tactics.
"""

CREDENTIAL = "compromised-credential"
EXPORT = "bulk-export"
EXPOSED = "exposed-bucket"

OF_CREDENTIAL = {
    "credential-elsewhere": "",
    "new-credential-elsewhere": "",
    "guessed-password": "",
    "temporary-credential-in-two-networks": "",
    "self-granted-then-used": "",
    "denied-then-allowed": "",
    "aftermath": "",
    "search-for-rights-low": "",
    "search-for-rights-medium": "",
    "search-for-rights-high": "",
    "search-for-rights-critical": "",
    "07e24bc5-8d9c-5228-b017-0541bde39f0c": "access_key_for_another_user",
    "4d30d1a7-adda-5ef6-8cf2-f17cc0c33231": "access_key_own",
    "aadfe85f-445c-5a5b-88ae-18d0f5b49994": "access_key_reactivated",
    "709c008f-36ea-5e75-8991-5d1b92b701d3": "admin_attached_to_user",
    "5a0f4fde-0a14-5c4c-9e83-7086fe62f2b8": "admin_attached_to_user_by_person",
    "8cb85ec6-fc71-5fc4-aba9-8c6a68bd9b1a": "admin_written_into_user",
    "ba2ad767-e490-51be-9bf2-e77af9b1c0b8": "administrator_made",
    "ad89dcb6-ccf5-5586-94d0-74543baa999c": "api_token_created",
    "6f4e7ae1-f87f-59fb-ab65-51ab08036398": "application_admin_from_outside_countries",
    "01c16a06-4e5c-5f19-aeac-5455d7a905ee": "audit_switched_off",
    "86062717-26e9-5707-ba36-792943574685": "config_recorder_stopped",
    "8fbec7ce-d22a-5597-94f5-4d10a7ec06a5": "console_from_outside_countries",
    "9ac4f439-d523-51c8-87d0-2109bc5d6b66": "console_without_mfa",
    "9ca9d464-9650-583f-9816-727288d093d6": "federated_console_sign_in",
    "9a72df6a-6489-592b-8050-6aaa5f39b00a": "federation_token",
    "a4b6d2ec-c7ae-5dc6-b612-c32aed538049": "guardduty_switched_off",
    "fd12e5c8-80c0-5d02-9eea-bc453aec92f6": "login_profile_changed",
    "913aa45f-dba0-5721-82c7-4266394ebb97": "login_profile_created",
    "cfc95590-e553-5e1c-b10d-9e18908e7e2e": "mfa_added_for_another",
    "6696a722-4243-5033-8153-eae0208fe230": "mfa_removed",
    "f9e6d927-c76f-5284-82b1-cfd8de376508": "parameters_decrypted",
    "87512399-2872-5dc0-a7f5-1f1e317e5f5b": "people_from_outside_countries",
    "ed1df279-28e2-503d-a9c2-b7c34d139eb0": "role_grants_itself",
    "973dd63a-d53b-59fb-ae50-8ea93c11baf8": "role_trust_to_outside",
    "541ff821-3f21-5fe5-ad9a-163241f17025": "role_trusts_everybody",
    "2a42e03c-821d-5a4d-9475-ce1ba6ae9a71": "root_access_key",
    "eb52506d-ae1d-5177-b1a1-4ddbf259db2b": "root_console_sign_in",
    "69a73bf6-642f-51f8-a259-517c4f5b98c9": "root_password_recovery",
    "1a858031-9ffa-50e0-a6c8-f4efc52ab431": "root_session_of_member",
    "e1df4522-4a92-5765-adfe-d709d54533cc": "second_factor_off",
    "810665b0-5413-5f6e-9071-bb6a0e6bee8a": "secrets_read_at_once",
    "eb807b56-94f6-5f8c-b8c7-47df7040c28b": "security_hub_switched_off",
    "d45e2902-a9e4-577f-93e8-159203d2c3f9": "service_credential_created",
    "eb4a3516-3cbe-52b9-b377-c30b0251e726": "session_token_by_key",
    "519a6e3a-296a-591b-ad8a-fbdd20bfa9e6": "signin_token_by_key",
    "5b575e07-04e8-5fb9-8af9-d374c7da8d97": "trail_blinded",
    "80920691-8db9-556e-9736-9635a955d9c3": "trail_stopped",
    "e795da9a-0fe9-5688-9402-232299b3aada": "trunk_credential_changed",
    "d301105b-9e4a-5bb5-b135-059113acb4ab": "trust_anchor_created",
    "c7da258c-7f4d-5a44-a99f-3bbf08f14b0d": "user_created",
    "d6b22d7c-2e3d-5de5-9872-66ae8daf6f8d": "user_created_by_workload",
    "38269a79-eb8a-51f9-8761-01895f6e5dc7": "user_grants_itself",
    "79b04e1d-a4ee-5f58-9d16-5ac201bb6015": "workload_credentials_on_a_desktop",
}

OF_EXPORT = {
    "volume-low": "",
    "volume-medium": "",
    "volume-high": "",
    "volume-critical": "",
    "460a9697-c5e0-513d-ac19-cc9db470e30e": "calls_forwarded",
    "d82098c0-2ba5-53c8-a684-10c02437a8e7": "contacts_exported_hugely",
    "f25807c2-7aad-57cb-a68a-03e887520e2d": "contacts_exported_in_bulk",
    "957cd7e8-de50-59ce-93cd-f6c5ffe351c9": "database_dump_downloaded",
    "3a0bf8bf-95bb-55d3-9484-4684a70d9a07": "database_queried_by_person",
    "7df725dd-446c-5cbf-abf4-fb153f7d1339": "export_of_personal_data",
    "525ecc1e-b41a-5777-9d3a-68d77020d84a": "export_planned",
    "1911da54-be85-5e3a-9260-9ab0d19beffa": "export_refused",
    "bfaf3b82-2110-5fb7-b449-c31311434ec7": "impersonation",
    "716eb58d-2a4d-55ff-a168-29b335273814": "large_download",
    "a587f805-1c40-572f-9cb5-7f124b975a8b": "mass_copy_by_query",
    "f8eb3ff3-416a-548a-81f2-d84574207b27": "read_in_bulk",
    "87466995-c07a-58f7-963b-8ebbf7687b37": "recordings_taken_in_bulk",
    "81912b21-335e-5e7a-858a-cce94911e496": "table_scanned_by_person",
    "c194f5e7-f69d-54d0-92b5-7daaf0a44820": "webhook_created",
}

OF_EXPOSED = {
    "e944c076-7b6b-5921-be32-bc19c3a249bb": "account_public_access_block_removed",
    "8c127757-49b5-5835-9e66-02f124a53414": "anonymous_read",
    "45c9dc34-dd0d-5204-bc8d-1736ccee91de": "bucket_policy_changed",
    "371c78bb-077c-5929-ba72-9e334adb4d40": "bucket_public_by_policy",
    "c7e5f851-b84a-5911-a33d-7adecb0cb39d": "bucket_public_under_condition",
    "2f0a708a-0480-505e-aa67-b40f5a93ed94": "bucket_shared_with_account",
    "16aedc68-b269-543b-bcfa-f6725709f59b": "database_publicly_reachable",
    "2b6d724c-66c7-542f-952c-03ba45b5a3bc": "database_snapshot_public",
    "bba1aee9-5f92-5edb-9c27-8efa0d554949": "database_snapshot_shared",
    "d6ddcc8e-7fa7-5c8f-a069-666da315bc0b": "document_shared",
    "b421626d-bf63-585c-8efd-6c434a2d32e5": "image_shared",
    "d669565c-1930-5725-b0e8-2dbcebb27bd2": "object_public_by_acl",
    "e497e548-9aa6-5fda-a8cc-a7b35e7b40d6": "objects_read_by_nobody",
    "274f24cc-120e-5fa1-9979-fd475b58350a": "policy_open_to_all",
    "118027ab-d8f2-59b8-8afd-ce8cfd88a3e8": "public_access_block_removed",
    "47330c8a-72c5-529b-8509-1f81f7bdb779": "public_by_acl",
    "da9b9568-4daf-5f75-b5a0-816a8aa52b36": "snapshot_public",
    "52871cd9-e8ff-5271-b757-a0b17e15b5f4": "snapshot_shared",
}

OF_TACTIC = {
    "initial-access": CREDENTIAL,
    "execution": CREDENTIAL,
    "persistence": CREDENTIAL,
    "privilege-escalation": CREDENTIAL,
    "defense-evasion": CREDENTIAL,
    "credential-access": CREDENTIAL,
    "lateral-movement": CREDENTIAL,
    "impact": CREDENTIAL,
    "resource-development": CREDENTIAL,
    "collection": EXPORT,
    "exfiltration": EXPORT,
}
"""Tactic → runbook, for findings no line above names. Discovery alone asks for none."""

RUNBOOKS = {CREDENTIAL: OF_CREDENTIAL, EXPOSED: OF_EXPOSED, EXPORT: OF_EXPORT}
"""Runbook → what asks for it, in the order in which they are begun: a credential in the wrong hands
goes on until it is stopped; an open bucket is shut in a minute; an export has left already."""
