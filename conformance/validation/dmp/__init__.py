"""Views of consultation and management calls to the DMP (TD0.3, TD0.4, TD3.1, TD3.2, TD3.3), and what is wrong in them."""
