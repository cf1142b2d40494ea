"""Addresses of people and the alliance."""

from django.urls import path

from tocsin.ops.alliance import views, views_alliance, views_members, views_people

urlpatterns = [
    path("invitation/<str:token>", views.invitation, name="invitation"),
    path("account/", views.account, name="account"),
    path("account/tokens/", views_members.my_tokens, name="tokens"),
    path("account/tokens/<uuid:token>/end", views_members.end_token, name="token-end"),
    path("members/", views_members.members, name="members"),
    path("members/memberships/<uuid:membership>/end", views_members.end_membership, name="membership-end"),
    path("members/accounts/<uuid:user>/close", views_members.close_account, name="account-close"),
    path("members/invitations/<uuid:invitation>/revoke", views_members.revoke_invitation, name="invitation-revoke"),
    path("people/", views_people.pool, name="people"),
    path("people/me", views_people.me, name="expert-me"),
    path("people/new", views_people.new, name="expert-new"),
    path("people/<uuid:expert>", views_people.expert, name="expert"),
    path("people/<uuid:expert>/edit", views_people.edit, name="expert-edit"),
    path("people/<uuid:expert>/calendar", views_people.days, name="expert-calendar"),
    path("alliance/", views_alliance.alliance, name="alliance"),
    path("alliance/file", views_alliance.export, name="alliance-export"),
    path("alliance/import", views_alliance.take_in, name="alliance-import"),
    path("alliance/rules/add", views_alliance.add_rule, name="rule-add"),
    path("alliance/states/role", views_alliance.give_role, name="role-give"),
    path("alliance/states/roles/<uuid:role>/end", views_alliance.end_role, name="role-end"),
    path("alliance/states/<str:state>/key", views_alliance.make_key, name="key-make"),
    path("alliance/keys/<uuid:key>/retire", views_alliance.retire_key, name="key-retire"),
    path("alliance/states/<str:state>/delegate", views_alliance.delegate, name="delegation-give"),
    path("alliance/delegations/<uuid:delegation>/revoke", views_alliance.revoke, name="delegation-revoke"),
    path("alliance/partners/add", views_alliance.add_partner, name="partner-add"),
]
