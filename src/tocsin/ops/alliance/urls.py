"""Addresses of people and the alliance."""

from django.urls import path

from tocsin.ops.alliance import views, views_members

urlpatterns = [
    path("invitation/<str:token>", views.invitation, name="invitation"),
    path("account/", views.account, name="account"),
    path("account/tokens/", views_members.my_tokens, name="tokens"),
    path("account/tokens/<uuid:token>/end", views_members.end_token, name="token-end"),
    path("members/", views_members.members, name="members"),
    path("members/memberships/<uuid:membership>/end", views_members.end_membership, name="membership-end"),
    path("members/invitations/<uuid:invitation>/revoke", views_members.revoke_invitation, name="invitation-revoke"),
]
