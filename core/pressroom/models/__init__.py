"""What Pressroom keeps: definitions as people write them, runs, and the tables that hold them."""
