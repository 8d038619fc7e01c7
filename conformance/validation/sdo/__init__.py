"""ViaTrajectoire PH, suivi des décisions d'orientation (SDO): calls, searches, events and consents, read without judging."""
